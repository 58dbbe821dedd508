% Train one network for as long as its input file says and save what came out, MATLAB v7.
%   The input file holds name, seed, command, X, D, epochs (where weights are kept, the last one the end), W (a cell
%   of starting weights) and, for deep_dropout, masks (nodes x 3 x N x epochs, of 0 and 1) and ratio.
function train_and_save(input, output)
in = load(input);
W = in.W;
if ~iscell(W)
    W = {W};
end
W = W(:)';
X = in.X;
D = in.D;
out = struct();
for epoch = 1:in.epochs(end)
    switch in.name
        case 'delta_sgd'
            W{1} = delta_sgd(W{1}, X, D, 0.9);
        case 'delta_xor'
            W{1} = delta_sgd(W{1}, X, D, 0.9);
        case 'delta_batch'
            W{1} = delta_batch(W{1}, X, D, 0.9);
        case 'delta_minibatch'
            W{1} = delta_minibatch(W{1}, X, D, 0.9, 2);
        case 'backprop_xor'
            [W{1}, W{2}] = backprop_xor(W{1}, W{2}, X, D, 0.9);
        case 'backprop_mmt'
            [W{1}, W{2}] = backprop_mmt(W{1}, W{2}, X, D, 0.9, 0.9);
        case 'backprop_ce'
            [W{1}, W{2}] = backprop_ce(W{1}, W{2}, X, D, 0.9);
        case 'multi_class'
            [W{1}, W{2}] = multi_class(W{1}, W{2}, X, D, 0.9);
        case 'deep_relu'
            W = deep_relu(W, X, D, 0.01);
        case 'deep_dropout'
            W = deep_dropout(W, X, D, double(in.masks(:, :, :, epoch)) / (1 - in.ratio), 0.01);
        otherwise
            error('train_and_save: unknown routine %s', in.name);
    end
    if any(epoch == in.epochs)
        for i = 1:numel(W)
            out.(sprintf('W%d_epoch_%d', i, epoch)) = W{i};
        end
    end
end
hidden = @sigmoid;
last = @sigmoid;
if strcmp(in.name, 'deep_relu')
    hidden = @relu;
end
if ndims(X) == 3
    last = @softmax;
end
out.outputs = outputs(W, X, hidden, last);
for i = 1:numel(in.W)
    out.(sprintf('W%d_start', i)) = in.W{i};
end
save_golden(output, out, in);
end
