% Train with the function `in.name` and keep its weights at the looks of each job; what it raises is kept as text.
%   The input file holds name, outputs (how many weights it returns), jobs (their number) and, for each job, a
%   structure job1, job2, ... of
%     arguments  1 x n cell, the first call's
%     places     which of them are weights
%     looks      the epochs after which the weights are kept, ascending
%     seconds    what the later looks may take: one that would come later than this is left out
%     uniforms, permutations  what random numbers come from, as random_numbers has them; 0 x 0 where there are none
%   The output file holds, for each job, job1_looks and job1_W1_10, the first weights after 10 epochs, or job1_error
%   with job1_files and job1_lines, the calls that it came through; for a file that does not parse, parse alone.
function check_port(input, output)
in = load(input);
out = struct('finished', 0);
try
    nargin(in.name);
catch wrong
    out.parse = wrong.message;
end
if ~isfield(out, 'parse')
    for k = 1:in.jobs
        name = sprintf('job%d', k);
        clear('-functions');
        clear('-global');
        random_numbers('begin', in.(name).uniforms, in.(name).permutations);
        out = one_job(out, name, in.(name), in.name, in.outputs);
    end
end
out.finished = 1;
save(output, '-struct', 'out', '-v7');
end

function out = one_job(out, name, job, function_name, outputs)
looks = [];
try
    arguments = job.arguments;
    done = 0;
    began = tic();
    stopped = false;
    for look = job.looks(:)'
        if stopped || (done >= 10 && toc(began) / done * look > job.seconds)
            break
        end
        for epoch = (done + 1):look
            before = arguments(job.places);
            new = cell(1, outputs);
            [new{:}] = feval(function_name, arguments{:});
            stopped = ~usable(new, before);
            if stopped
                break
            end
            arguments(job.places) = new;
        end
        if stopped && epoch > 1 && ~any(looks == epoch - 1)
            out = keep(out, name, epoch - 1, before);
            looks(end + 1) = epoch - 1;
        end
        out = keep(out, name, epoch, new);
        looks(end + 1) = epoch;
        done = look;
    end
catch wrong
    out.([name, '_error']) = wrong.message;
    out.([name, '_files']) = strjoin({wrong.stack.file}, "\n");
    out.([name, '_lines']) = [wrong.stack.line];
end
out.([name, '_looks']) = looks;
end

% Whether training can go on with what came back: finite numbers, as many as went in.
function yes = usable(new, before)
yes = true;
for k = 1:numel(new)
    numbers = isnumeric(new{k}) || islogical(new{k});
    yes = yes && numbers && isequal(size(new{k}), size(before{k})) && all(isfinite(new{k}(:)));
end
end

function out = keep(out, name, epoch, weights)
for k = 1:numel(weights)
    W = weights{k};
    if ~(isnumeric(W) || islogical(W))
        W = ['a ', class(W)];
    end
    out.(sprintf('%s_W%d_%d', name, k, epoch)) = full(W);
end
end
