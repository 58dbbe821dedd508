% The rectified linear unit, element by element.
function y = relu(x)
y = max(x, 0);
end
