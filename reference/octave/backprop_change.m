% Minus the gradient of one sample's cost: half the squared error, or the cross-entropy.
% With a sigmoid output the two differ by the factor y (1 - y) in the output's delta.
function [G1, G2] = backprop_change(W1, W2, x, d, squared)
h = sigmoid(W1 * x);
y = sigmoid(W2 * h);
out = d - y;
if squared
    out = out .* y .* (1 - y);
end
hidden = (W2' * out) .* h .* (1 - h);
G1 = hidden * x';
G2 = out * h';
end
