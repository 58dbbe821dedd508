% exp(x) over its sum, for a column of weighted sums.
function y = softmax(x)
p = exp(x);
y = p / sum(p);
end
