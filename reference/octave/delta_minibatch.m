% One epoch of the delta rule in consecutive batches of b samples; a rest is left out.
function W = delta_minibatch(W, X, D, alpha, b)
for first = 1:b:(size(X, 1) - b + 1)
    total = zeros(size(W));
    for k = first:(first + b - 1)
        total = total + delta_change(W, X(k, :)', D(k));
    end
    W = W + alpha * total / b;
end
end
