% The mean of each square of four elements of a map.
function y = pool(x)
y = (x(1:2:end, 1:2:end, :) + x(2:2:end, 1:2:end, :) + x(1:2:end, 2:2:end, :) + x(2:2:end, 2:2:end, :)) / 4;
end
