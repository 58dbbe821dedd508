% One epoch of back-propagation of half the squared error through one hidden sigmoid layer.
%   W1  h x n;  W2  1 x h;  X  N x n;  D  N x 1
function [W1, W2] = backprop_xor(W1, W2, X, D, alpha)
for k = 1:size(X, 1)
    [G1, G2] = backprop_change(W1, W2, X(k, :)', D(k), true);
    W1 = W1 + alpha * G1;
    W2 = W2 + alpha * G2;
end
end
