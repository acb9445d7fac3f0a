using System.CommandLine;
using ForkGuard.Api;
using ForkGuard.Api.Validation;
using ForkGuard.Controller.Hosting;
using ForkGuard.Telemetry;

StandardError.Program = "forkguard-controller";
var options = new ProgramOptions();
var root = new RootCommand(
    "Evaluates the node agents' reports under ForkWatches, emits Events, and restarts pods where a watch asks for it."
);
options.AddTo(root);
root.SetAction((parsed, cancellationToken) => ControllerHost.RunAsync(options.Read(parsed), cancellationToken));
var parsed = root.Parse(args);
if (parsed.Errors.Count == 0)
{
    try
    {
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }
    catch (OperationCanceledException)
    {
        return ControllerHost.ErrorExitCode;
    }
    catch (Exception e) when (e is not OutOfMemoryException)
    {
        // The handler of the library writes to a standard error that may be closed.
        StandardError.WriteLine(e is IOException or UnauthorizedAccessException ? e.Message : e.ToString());
        return ControllerHost.ErrorExitCode;
    }
}

// The value behind a misspelt option is not a mistake of its own.
var unknown = parsed.UnmatchedTokens.Where(word => word.StartsWith('-')).ToList();
foreach (var message in unknown.Count > 0 ? unknown.Select(Unknown) : parsed.Errors.Select(error => error.Message))
{
    StandardError.WriteLine(message);
}

StandardError.WriteLine("see 'forkguard-controller --help'");
return ControllerHost.UsageExitCode;

string Unknown(string word)
{
    var near = NearestName.Of(word, root.Options.Select(option => option.Name));
    return $"'{PrintableText.Escape(word)}' is not an option{(near is null ? "" : $"; did you mean {near}?")}";
}
