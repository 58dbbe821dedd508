% The random numbers of a job, one after another, from MATLAB's uniforms.
%   random_numbers('begin', uniforms, permutations)  column k of permutations is randperm(20, 16) from uniform 32 k - 31 on
%   u = random_numbers('uniforms', n)      the next n, as a row
%   p = random_numbers('permutation')      randperm(20, 16), where it is known; else 0 x 0, and nothing is drawn
function numbers = random_numbers(what, varargin)
persistent uniforms permutations used
numbers = [];
switch what
    case 'begin'
        uniforms = varargin{1}(:)';
        permutations = varargin{2};
        used = 0;
    case 'uniforms'
        n = varargin{1};
        if used + n > numel(uniforms)
            error('it draws more than %d random numbers, which is far more than the listing does', numel(uniforms));
        end
        numbers = uniforms(used + (1:n));
        used = used + n;
    case 'permutation'
        k = used / 32 + 1;
        if k == fix(k) && k <= size(permutations, 2)
            numbers = double(permutations(:, k)');
            used = used + 32;
        end
end
end
