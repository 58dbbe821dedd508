% One epoch of the delta rule; the mean of the samples' changes is added once.
function W = DeltaBatch(W, X, D)
alpha = 0.9;
N = size(X, 1);
total = zeros(size(W));
for k = 1:N
    x = X(k, :)';
    d = D(k);
    v = W * x;
    y = Sigmoid(v);
    e = d - y;
    delta = y .* (1 - y) .* e;
    dW = alpha * delta * x';
    total = total + dW;
end
W = W + total / N;
end

function y = Sigmoid(x)
y = 1 ./ (1 + exp(-x));
end
