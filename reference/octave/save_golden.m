% Save a struct of results as MATLAB v7, with who made it.
function save_golden(output, out, in)
out.name = in.name;
out.seed = in.seed;
out.epochs = in.epochs;
out.command = in.command;
program = 'MATLAB ';
if exist('OCTAVE_VERSION', 'builtin')
    program = 'GNU Octave ';
end
out.made_by = [program, version(), ', ', computer()];
out.date = datestr(now(), 'yyyy-mm-dd');
save(output, '-struct', 'out', '-v7');
end
