using System.Globalization;

namespace ForkGuard.Lab.Tests.Judging;

/// <summary>A verdict about a real program, and what that program itself said about the fork that followed.</summary>
/// <param name="Program">Package, version, and what it was asked to do.</param>
/// <param name="Size">How far it had grown.</param>
/// <param name="Trial">The verdict and the fork.</param>
/// <param name="Words">Its own.</param>
internal sealed record ProgramTrial(string Program, string Size, Trial Trial, string Words)
{
    internal GuestVerdict Verdict => Trial.Verdict;

    /// <summary>A row of the report's table: the verdict and the program's own words side by side.</summary>
    internal string ToMarkdown() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {Program} | {Verdict.Mode} | {Size} | {Mebibytes(Verdict.UsedBytes)} | {Mebibytes(Verdict.LimitBytes)} | {Verdict.Verdict}{(Verdict.IsExact ? "" : ", an estimate")} | {Words} |"
        );

    internal string Describe() => $"{Trial.Describe()}; {Program} said: {Words}";

    private static string Mebibytes(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture);
}
