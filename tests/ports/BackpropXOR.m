% One epoch of back-propagation of half the squared error through one hidden layer.
function [W1, W2] = BackpropXOR(W1, W2, X, D)
alpha = 0.9;
N = size(X, 1);
for k = 1:N
    x = X(k, :)';
    d = D(k);
    v1 = W1 * x;
    y1 = Sigmoid(v1);
    v = W2 * y1;
    y = Sigmoid(v);
    e = d - y;
    delta = y .* (1 - y) .* e;
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
