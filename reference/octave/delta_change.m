% The delta rule's weight change for one sample x (n x 1) with target d, for alpha = 1.
function dW = delta_change(W, x, d)
y = sigmoid(W * x);
dW = (d - y) * y * (1 - y) * x';
end
