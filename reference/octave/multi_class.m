% One epoch of back-propagation of the softmax cross-entropy through one hidden sigmoid layer.
%   W1  h x pixels;  W2  classes x h;  X  rows x columns x N;  D  N x classes, one-hot
function [W1, W2] = multi_class(W1, W2, X, D, alpha)
for k = 1:size(X, 3)
    x = X(:, :, k);
    x = x(:);
    h = sigmoid(W1 * x);
    out = D(k, :)' - softmax(W2 * h);
    hidden = (W2' * out) .* h .* (1 - h);
    W1 = W1 + alpha * hidden * x';
    W2 = W2 + alpha * out * h';
end
end
