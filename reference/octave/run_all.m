% Run every input file of a folder: octave-cli run_all.m INPUTS OUTPUTS
addpath(fileparts(mfilename('fullpath')));
arguments = argv();
inputs = arguments{end - 1};
outputs_folder = arguments{end};
files = dir(fullfile(inputs, '*.mat'));
for k = 1:numel(files)
    input = fullfile(inputs, files(k).name);
    output = fullfile(outputs_folder, files(k).name);
    fprintf(stderr, '%s\n', files(k).name);
    if strncmp(files(k).name, 'mnist_conv', 10)
        mnist_and_save(input, output);
    else
        train_and_save(input, output);
    end
end
