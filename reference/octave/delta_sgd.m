% One epoch of the delta rule, one sample at a time.
%   W  1 x n weights;  X  N x n samples;  D  N x 1 targets
% For each sample: W <- W + alpha s'(v) (d - y) x',  y = s(v),  v = W x,  s' = s (1 - s).
function W = delta_sgd(W, X, D, alpha)
for k = 1:size(X, 1)
    W = W + alpha * delta_change(W, X(k, :)', D(k));
end
end
