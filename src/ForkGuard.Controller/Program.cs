using System.CommandLine;
using ForkGuard.Controller.Hosting;

var options = new ProgramOptions();
var root = new RootCommand(
    "Judges the node agents' reports under ForkWatches, says so in Events, and restarts pods where asked."
);
options.AddTo(root);
root.SetAction((parsed, cancellationToken) => ControllerHost.RunAsync(options.Read(parsed), cancellationToken));
return await root.Parse(args).InvokeAsync();
