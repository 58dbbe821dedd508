% Run every input file of a folder and save what comes out in another, in MATLAB as in GNU Octave:
%   run_all('inputs', 'outputs')
% python reference/regenerate.py --inputs inputs writes the input files; scripts/compare.py --against outputs compares
% what comes out with this package.
function run_all(inputs, outputs_folder)
addpath(fileparts(mfilename('fullpath')));
files = dir(fullfile(inputs, '*.mat'));
for k = 1:numel(files)
    input = fullfile(inputs, files(k).name);
    output = fullfile(outputs_folder, files(k).name);
    fprintf('%s\n', files(k).name);
    if strncmp(files(k).name, 'mnist_conv', 10)
        mnist_and_save(input, output);
    else
        train_and_save(input, output);
    end
end
end
