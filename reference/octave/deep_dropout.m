% One epoch of a deep sigmoid network with dropout, the slope of a layer taken as a (1 - a) of its masked output a.
%   masks  nodes x 3 x N: 0 for a node dropped, 1 / (1 - ratio) for one kept
function W = deep_dropout(W, X, D, masks, alpha)
for k = 1:size(X, 3)
    x = X(:, :, k);
    a = {x(:), [], [], []};
    for i = 1:3
        a{i + 1} = masks(:, i, k) .* sigmoid(W{i} * a{i});
    end
    out = D(k, :)' - softmax(W{4} * a{4});
    new = W;
    for i = 4:-1:1
        new{i} = W{i} + alpha * out * a{i}';
        if i > 1
            out = (W{i}' * out) .* a{i} .* (1 - a{i});
        end
    end
    W = new;
end
end
