% One epoch of back-propagation of the cross-entropy through one hidden sigmoid layer.
function [W1, W2] = backprop_ce(W1, W2, X, D, alpha)
for k = 1:size(X, 1)
    [G1, G2] = backprop_change(W1, W2, X(k, :)', D(k), false);
    W1 = W1 + alpha * G1;
    W2 = W2 + alpha * G2;
end
end
