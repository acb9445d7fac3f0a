using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace ForkGuard.Testing;

/// <summary>How the tests ask <c>forkguard check</c>.</summary>
public static class Check
{
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);

    public static Task<ProgramResult> InWordsAsync(params int[] pids) =>
        ForkGuardBinary.RunAsync([.. pids.Select(Text).Prepend("check")], cancellationToken: Stop);

    public static async Task<CheckAnswer> InJsonAsync(int pid, bool asNobody = false, params string[] more)
    {
        var result = await ForkGuardBinary.RunAsync(
            ["check", Text(pid), "-o", "json", .. more],
            asNobody,
            cancellationToken: Stop
        );
        Assert.Equal("", result.StandardError);
        return new CheckAnswer(Assert.Single(Objects(result)), result.ExitCode);
    }

    /// <summary>The objects of an output of one JSON object a line.</summary>
    public static IReadOnlyList<JsonObject> Objects(ProgramResult result) =>
        [
            .. result
                .StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!.AsObject()),
        ];
}

/// <summary>The answer of check about one process.</summary>
public sealed record CheckAnswer(JsonObject Json, int ExitCode)
{
    public string Verdict => (string)Json["verdict"]!;

    /// <summary>Of the verdict; null without one.</summary>
    public string? Confidence => (string?)Json["confidence"];

    public string? Problem => (string?)Json["problem"];

    /// <summary>A constraint by its type; null where the answer has none of it.</summary>
    public JsonObject? Constraint(string type) =>
        Json["constraints"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == type)?.AsObject();

    /// <summary>The constraint of the accounting of memory, whichever the mode has.</summary>
    public JsonObject Accounting =>
        Constraint("LargestMapping") ?? Constraint("CommitCharge") ?? throw new InvalidOperationException($"{Json}");

    public bool IsBound => (string?)Accounting["confidence"] == "UpperBound";
    public int Percent => (int)Accounting["percent"]!;
    public long UsedBytes => (long)Accounting["used"]!;
    public long HeadroomBytes => (long)Accounting["limit"]! - UsedBytes;

    /// <summary>Null where no mapping is charged.</summary>
    public MappedRange? Mapping =>
        Accounting["mapping"] is { } mapping
            ? new MappedRange(Address(mapping["start"]!), Address(mapping["end"]!))
            : null;

    private static ulong Address(JsonNode hexadecimal) =>
        ulong.Parse((string)hexadecimal!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
