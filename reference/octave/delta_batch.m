% One epoch of the delta rule: the mean of all samples' changes, added once.
function W = delta_batch(W, X, D, alpha)
W = delta_minibatch(W, X, D, alpha, size(X, 1));
end
