% One epoch of back-propagation with momentum, zero at its start: M <- alpha G + beta M, W <- W + M.
function [W1, W2] = backprop_mmt(W1, W2, X, D, alpha, beta)
M1 = 0;
M2 = 0;
for k = 1:size(X, 1)
    [G1, G2] = backprop_change(W1, W2, X(k, :)', D(k), true);
    M1 = alpha * G1 + beta * M1;
    M2 = alpha * G2 + beta * M2;
    W1 = W1 + M1;
    W2 = W2 + M2;
end
end
