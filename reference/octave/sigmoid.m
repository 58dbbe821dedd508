% The logistic function, element by element.
function y = sigmoid(x)
y = 1 ./ (1 + exp(-x));
end
