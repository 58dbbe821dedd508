% The convolutional network: after 1, 2 and 3 batches, and after three epochs where the input file asks for them.
%   The input file holds name, seed, command, X, D (training), Xtest, Dtest, F, V, U, u (columns), v (hidden x 1)
%   and epochs: 0 for the batches, 3 for the epochs. V is saved as its products with u and v, which any change moves.
function mnist_and_save(input, output)
in = load(input);
out = keep(struct(), 'start', in.F, in.V, in.U, in);
if in.epochs == 0
    for batches = 1:3
        [F, V, U] = mnist_conv(in.F, in.V, in.U, in.X(:, :, 1:100 * batches), in.D, 0.01, 0.95, 100);
        out = keep(out, sprintf('batch_%d', batches), F, V, U, in);
    end
else
    F = in.F;
    V = in.V;
    U = in.U;
    for epoch = 1:in.epochs
        [F, V, U] = mnist_conv(F, V, U, in.X, in.D, 0.01, 0.95, 100);
        fprintf('epoch %d of %d\n', epoch, in.epochs);
    end
    out = keep(out, sprintf('epoch_%d', in.epochs), F, V, U, in);
    out.predictions = zeros(1, size(in.Xtest, 3), 'uint8');
    for k = 1:size(in.Xtest, 3)
        [c, p, h, y] = mnist_forward(F, V, U, in.Xtest(:, :, k));
        [largest, class] = max(y);
        out.predictions(k) = mod(class, 10);
    end
    out.accuracy = mean(double(out.predictions(:)) == mod(in.Dtest(:), 10));
end
save_golden(output, out, in);
end

function out = keep(out, when, F, V, U, in)
out.(['W1_', when]) = F;
out.(['W5_u_', when]) = V * in.u;
out.(['v_W5_', when]) = in.v' * V;
out.(['Wo_', when]) = U;
end
