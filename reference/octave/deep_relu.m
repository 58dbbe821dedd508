% One epoch of back-propagation of the softmax cross-entropy through three ReLU layers.
%   W  1 x 4 cell of weights;  X  rows x columns x N;  D  N x classes, one-hot
function W = deep_relu(W, X, D, alpha)
for k = 1:size(X, 3)
    x = X(:, :, k);
    a = {x(:), [], [], []};
    for i = 1:3
        a{i + 1} = relu(W{i} * a{i});
    end
    out = D(k, :)' - softmax(W{4} * a{4});
    new = W;
    for i = 4:-1:1
        new{i} = W{i} + alpha * out * a{i}';
        if i > 1
            out = (W{i}' * out) .* (a{i} > 0);
        end
    end
    W = new;
end
end
