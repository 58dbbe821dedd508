% exp(x) over its sum, for a column of weighted sums; the largest is taken off, which changes nothing but the overflow.
function y = softmax(x)
p = exp(x - max(x));
y = p / sum(p);
end
