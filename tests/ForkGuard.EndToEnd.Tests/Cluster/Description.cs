using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>What <c>kubectl describe</c> shows of an object, its events among it.</summary>
internal static class Description
{
    // Four scans, on a busy machine.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    /// <summary>Waits until it has these words, and returns all of it.</summary>
    public static async Task<string> HasAsync(
        string kind,
        string name,
        string words,
        CancellationToken cancellationToken,
        string ns = ""
    )
    {
        string description = "";
        try
        {
            await Condition.HoldsAsync(
                async token =>
                {
                    description = await Shell.SucceedAsync(
                        ["kubectl", "describe", kind, name, "--namespace", ns],
                        cancellationToken: token
                    );
                    return description.Contains(words, StringComparison.Ordinal);
                },
                $"{kind} {name} is described with {words}",
                Soon,
                cancellationToken
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; it is\n{description}", late);
        }

        return description;
    }

    /// <summary>The line of it that has all of these words.</summary>
    public static string Line(string description, params IReadOnlyCollection<string> words)
    {
        string[] lines =
        [
            .. description.Split('\n').Where(line => words.All(word => line.Contains(word, StringComparison.Ordinal))),
        ];
        Assert.True(
            lines.Length == 1,
            $"{lines.Length} lines have {string.Join(" and ", words)}; the description is\n{description}"
        );
        return lines[0];
    }
}
