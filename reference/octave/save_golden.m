% Save a struct of results as MATLAB v7, with who made it.
function save_golden(output, out, in)
out.name = in.name;
out.seed = in.seed;
out.epochs = in.epochs;
out.command = in.command;
out.made_by = ['GNU Octave ', version(), ', ', computer()];
out.date = datestr(now(), 'yyyy-mm-dd');
save('-v7', output, '-struct', 'out');
end
