% The mask of a layer of which a share is dropped: 0, or 1 / (1 - ratio) for the nodes that are kept.
function m = dropout(y, ratio)
kept = randperm(numel(y), round(numel(y) * (1 - ratio)));
m = zeros(size(y));
m(kept) = 1 / (1 - ratio);
end
