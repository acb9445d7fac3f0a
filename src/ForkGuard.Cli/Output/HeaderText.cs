using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Output;

/// <summary>Mode and limit of the kernel, in a line or two.</summary>
internal static class HeaderText
{
    internal static string Of(in KernelState state, string release, int columns)
    {
        var what = $"kernel {PrintableText.Escape(release)}, overcommit mode {ModeText.Name(state.Mode)}";
        var limit = AccountingRule.LimitOf(state, state.Mode) is { } bytes
            ? $"limit {SizeText.Bytes(bytes)}"
            : "no limit";
        var numbers = $"{limit}, committed {SizeText.Bytes(state.Committed)}";
        var rule = ModeText.Rule(state);
        var line = $"{what}, {numbers} ({rule})";
        var text = line.Length <= columns ? line : $"{what}{Environment.NewLine}{numbers}{Environment.NewLine}({rule})";
        List<string> lines = [text];
        if (state.Distrust is { } distrust)
        {
            lines.AddRange(TerminalText.Lines($"Memory accounting is not evaluated: {distrust}.", columns));
        }

        if (state.HidesProcesses)
        {
            lines.AddRange(TerminalText.Lines(HiddenText.Sentence, columns));
        }

        return string.Join(Environment.NewLine, lines);
    }
}
