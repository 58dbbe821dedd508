% One epoch of back-propagation through three layers of sigmoid nodes, a fifth of which is dropped, to a softmax.
function [W1, W2, W3, W4] = DeepDropout(W1, W2, W3, W4, X, D)
alpha = 0.01;
N = size(X, 3);
for k = 1:N
    x = reshape(X(:, :, k), [], 1);
    d = D(k, :)';
    v1 = W1 * x;
    s1 = Sigmoid(v1);
    m1 = Dropout(s1, 0.2);
    y1 = s1 .* m1;
    v2 = W2 * y1;
    s2 = Sigmoid(v2);
    m2 = Dropout(s2, 0.2);
    y2 = s2 .* m2;
    v3 = W3 * y2;
    s3 = Sigmoid(v3);
    m3 = Dropout(s3, 0.2);
    y3 = s3 .* m3;
    v = W4 * y3;
    y = Softmax(v);
    e = d - y;
    delta = e;
    e3 = W4' * delta;
    delta3 = y3 .* (1 - y3) .* e3;
    e2 = W3' * delta3;
    delta2 = y2 .* (1 - y2) .* e2;
    e1 = W2' * delta2;
    delta1 = y1 .* (1 - y1) .* e1;
    dW4 = alpha * delta * y3';
    dW3 = alpha * delta3 * y2';
    dW2 = alpha * delta2 * y1';
    dW1 = alpha * delta1 * x';
    W4 = W4 + dW4;
    W3 = W3 + dW3;
    W2 = W2 + dW2;
    W1 = W1 + dW1;
end
end

function m = Dropout(y, ratio)
n = numel(y);
kept = randperm(n, round(n * (1 - ratio)));
m = zeros(size(y));
m(kept) = 1 / (1 - ratio);
end

function y = Sigmoid(x)
y = 1 ./ (1 + exp(-x));
end

function y = Softmax(x)
ex = exp(x);
y = ex / sum(ex);
end
