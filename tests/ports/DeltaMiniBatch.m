% One epoch of the delta rule in batches of two samples; what is left over is not trained.
function W = DeltaMiniBatch(W, X, D)
alpha = 0.9;
bsize = 2;
N = size(X, 1);
for begin = 1:bsize:(N - bsize + 1)
    total = zeros(size(W));
    for k = begin:(begin + bsize - 1)
        x = X(k, :)';
        d = D(k);
        v = W * x;
        y = Sigmoid(v);
        e = d - y;
        delta = y .* (1 - y) .* e;
        dW = alpha * delta * x';
        total = total + dW;
    end
    W = W + total / bsize;
end
end

function y = Sigmoid(x)
y = 1 ./ (1 + exp(-x));
end
