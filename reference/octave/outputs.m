% Outputs of a trained network, one column a sample; the hidden layers' function is sigmoid or relu.
function Y = outputs(W, X, hidden, last)
if ndims(X) == 3
    X = reshape(X, [], size(X, 3))';
end
Y = [];
for k = 1:size(X, 1)
    a = X(k, :)';
    for i = 1:numel(W) - 1
        a = hidden(W{i} * a);
    end
    Y(:, k) = last(W{end} * a);
end
end
