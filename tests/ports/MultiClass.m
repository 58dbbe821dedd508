% One epoch of back-propagation through one hidden layer to a softmax; X holds images along its third axis.
function [W1, W2] = MultiClass(W1, W2, X, D)
alpha = 0.9;
N = size(X, 3);
for k = 1:N
    x = reshape(X(:, :, k), [], 1);
    d = D(k, :)';
    v1 = W1 * x;
    y1 = Sigmoid(v1);
    v = W2 * y1;
    y = Softmax(v);
    e = d - y;
    delta = e;
    e1 = W2' * delta;
    delta1 = y1 .* (1 - y1) .* e1;
    dW1 = alpha * delta1 * x';
    dW2 = alpha * delta * y1';
    W1 = W1 + dW1;
    W2 = W2 + dW2;
end
end

function y = Sigmoid(x)
y = 1 ./ (1 + exp(-x));
end

function y = Softmax(x)
ex = exp(x);
y = ex / sum(ex);
end
