% An image's maps: its correlation with each filter, where the filter lies within the image.
function y = conv(x, W)
for i = size(W, 3):-1:1
    y(:, :, i) = conv2(x, rot90(W(:, :, i), 2), 'valid');
end
end
