using System.CommandLine;
using ForkGuard.Controller.Hosting;

var options = new ProgramOptions();
var root = new RootCommand(
    "Evaluates the node agents' reports under ForkWatches, emits Events, and restarts pods where a watch asks for it."
);
options.AddTo(root);
root.SetAction((parsed, cancellationToken) => ControllerHost.RunAsync(options.Read(parsed), cancellationToken));
return await root.Parse(args).InvokeAsync();
