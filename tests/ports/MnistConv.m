% One epoch of the convolutional network in batches of 100, with momentum that begins at zero in each call.
% The helpers are those of the package.
function [W1, W5, Wo] = MnistConv(W1, W5, Wo, X, D)
alpha = 0.01;
beta = 0.95;
bsize = 100;
m1 = zeros(size(W1));
m5 = zeros(size(W5));
mo = zeros(size(Wo));
N = numel(D);
for begin = 1:bsize:(N - bsize + 1)
    dW1 = zeros(size(W1));
    dW5 = zeros(size(W5));
    dWo = zeros(size(Wo));
    for k = begin:(begin + bsize - 1)
        x = X(:, :, k);
        y1 = Conv(x, W1);
        y2 = ReLU(y1);
        y3 = Pool(y2);
        y4 = y3(:);
        y5 = ReLU(W5 * y4);
        y = Softmax(Wo * y5);
        d = zeros(10, 1);
        d(D(k)) = 1;
        delta = d - y;
        e5 = Wo' * delta;
        delta5 = (y5 > 0) .* e5;
        e3 = reshape(W5' * delta5, size(y3));
        for c = 1:size(W1, 3)
            e2 = kron(e3(:, :, c), ones(2)) / 4;
            delta2 = (y2(:, :, c) > 0) .* e2;
            dW1(:, :, c) = dW1(:, :, c) + conv2(x, rot90(delta2, 2), 'valid');
        end
        dW5 = dW5 + delta5 * y4';
        dWo = dWo + delta * y5';
    end
    m1 = alpha * dW1 / bsize + beta * m1;
    m5 = alpha * dW5 / bsize + beta * m5;
    mo = alpha * dWo / bsize + beta * mo;
    W1 = W1 + m1;
    W5 = W5 + m5;
    Wo = Wo + mo;
end
end
