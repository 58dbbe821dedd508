% One image (rows x columns) through the convolutional network.
%   c  maps after convolution and ReLU;  p  the same, pooled, as a column;  h  hidden nodes;  y  probabilities
function [c, p, h, y] = mnist_forward(F, V, U, x)
n = size(F, 3);
r = size(x) - [size(F, 1), size(F, 2)] + 1;
c = zeros(r(1), r(2), n);
for i = 1:n
    c(:, :, i) = relu(conv2(x, rot90(F(:, :, i), 2), 'valid'));
end
p = (c(1:2:end, 1:2:end, :) + c(2:2:end, 1:2:end, :) + c(1:2:end, 2:2:end, :) + c(2:2:end, 2:2:end, :)) / 4;
p = p(:);
h = relu(V * p);
y = softmax(U * h);
end
