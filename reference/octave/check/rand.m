% MATLAB's rand(m, n, ...), from the uniforms of random_numbers.
function numbers = rand(varargin)
shape = [varargin{:}];
if isempty(shape)
    shape = [1, 1];
elseif numel(shape) == 1
    shape = [shape, shape];
end
numbers = reshape(random_numbers('uniforms', prod(shape)), shape);
end
