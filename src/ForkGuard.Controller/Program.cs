using System.CommandLine;
using ForkGuard.Controller.Hosting;

var options = new ProgramOptions();
var root = new RootCommand(
    "Evaluates the node agents' reports under ForkWatches, emits Events, and restarts pods where a watch asks for it."
);
options.AddTo(root);
root.SetAction((parsed, cancellationToken) => ControllerHost.RunAsync(options.Read(parsed), cancellationToken));
var parsed = root.Parse(args);
if (parsed.Errors.Count == 0)
{
    return await parsed.InvokeAsync();
}

foreach (var error in parsed.Errors)
{
    await Console.Error.WriteLineAsync($"forkguard-controller: {error.Message}");
}

await Console.Error.WriteLineAsync("see 'forkguard-controller --help'");
return ControllerHost.UsageExitCode;
