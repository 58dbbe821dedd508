% Mini-batches of the convolutional network with momentum, zero at the start.
%   F  p x q x n filters;  V  hidden x pooled;  U  10 x hidden
%   X  rows x columns x N images;  D  N x 1 classes, 10 for the digit 0;  b  images in a batch
function [F, V, U] = mnist_conv(F, V, U, X, D, alpha, beta, b)
MF = 0;
MV = 0;
MU = 0;
for first = 1:b:(size(X, 3) - b + 1)
    GF = zeros(size(F));
    GV = zeros(size(V));
    GU = zeros(size(U));
    for k = first:(first + b - 1)
        x = X(:, :, k);
        [c, p, h, y] = mnist_forward(F, V, U, x);
        out = -y;
        out(D(k)) = out(D(k)) + 1;
        hidden = (U' * out) .* (h > 0);
        back = reshape(V' * hidden, size(c, 1) / 2, size(c, 2) / 2, []);
        for i = 1:size(F, 3)
            % each pooled element came from four, in equal shares
            maps = kron(back(:, :, i), ones(2) / 4) .* (c(:, :, i) > 0);
            GF(:, :, i) = GF(:, :, i) + conv2(x, rot90(maps, 2), 'valid');
        end
        GV = GV + hidden * p';
        GU = GU + out * h';
    end
    MF = alpha * GF / b + beta * MF;
    MV = alpha * GV / b + beta * MV;
    MU = alpha * GU / b + beta * MU;
    F = F + MF;
    V = V + MV;
    U = U + MU;
end
end
