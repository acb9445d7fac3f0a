using System.Text;
using ForkGuard.Cli.Watching;
using Spectre.Console;

namespace ForkGuard.Cli.Tests;

/// <summary>The live table of watch while the machine has no memory for it, as in mode 2 with nothing left to commit.</summary>
public class LiveWatchOutputTests
{
    private readonly Queue<char> _keys = new();

    [Theory]
    [InlineData("s")]
    [InlineData("/redis")]
    public void Keys_without_memory_to_draw_do_not_end_it_and_the_next_scan_draws(string keys)
    {
        using var terminal = new ScarceTerminal();
        var console = ConsoleOf(terminal);
        console
            .Live(new Text(""))
            .Start(display =>
            {
                var output = new LiveWatchOutput(console, display, NextKey);
                output.Show(Outcome("first"), null!);
                terminal.HasMemory = false;
                Press(keys);
                Assert.True(output.HandleKeys());
                Assert.True(terminal.Refusals > 0, "nothing was drawn");

                terminal.HasMemory = true;
                output.Show(Outcome("second"), null!);
                Assert.Contains("second", terminal.Text, StringComparison.Ordinal);
                Press("\u001bq");
                Assert.False(output.HandleKeys());
            });
    }

    [Fact]
    public void A_key_without_memory_to_keep_it_does_not_end_it()
    {
        using var terminal = new ScarceTerminal();
        var console = ConsoleOf(terminal);
        console
            .Live(new Text(""))
            .Start(display =>
            {
                var output = new LiveWatchOutput(console, display, () => TooLong()[0]);
                Assert.True(output.HandleKeys());
            });
    }

    private static ScanOutcome Outcome(string problem) =>
        new()
        {
            Time = DateTimeOffset.UnixEpoch,
            Events = [],
            Problem = problem,
        };

    private static IAnsiConsole ConsoleOf(TextWriter terminal) =>
        AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(terminal),
            }
        );

    /// <exception cref="OutOfMemoryException">Always: it is longer than a string may be.</exception>
    private static string TooLong() => new('s', int.MaxValue);

    private char? NextKey() => _keys.TryDequeue(out var key) ? key : null;

    private void Press(string keys)
    {
        foreach (var key in keys)
        {
            _keys.Enqueue(key);
        }
    }

    /// <summary>A terminal whose writes may fail for lack of memory.</summary>
    private sealed class ScarceTerminal : TextWriter
    {
        private readonly StringBuilder _text = new();

        public bool HasMemory { get; set; } = true;

        public int Refusals { get; private set; }

        public string Text => _text.ToString();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (!HasMemory)
            {
                Refusals++;
                _ = TooLong();
            }

            _text.Append(value);
        }
    }
}
