namespace ForkGuard.Cli.Output;

/// <summary>How wide standard output is.</summary>
internal static class TerminalWidth
{
    private const int WhenUnknown = 80;

    /// <summary>Where long lines are broken: at the edge of a terminal, and nowhere in a pipe.</summary>
    internal static int WrapAt() => Console.IsOutputRedirected ? int.MaxValue : Columns();

    /// <summary>Columns of the terminal; 80 where there is none.</summary>
    internal static int Columns()
    {
        if (Console.IsOutputRedirected)
        {
            return WhenUnknown;
        }

        return Console.WindowWidth is > 0 and var width ? width : WhenUnknown;
    }
}
