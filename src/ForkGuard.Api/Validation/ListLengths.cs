namespace ForkGuard.Api.Validation;

/// <summary>The limit that every list of a watch has, so that the API server can estimate the cost of its rules.</summary>
internal static class ListLengths
{
    private const int Longest = 100;

    public static void Check(string path, int? count, Findings findings)
    {
        if (count > Longest)
        {
            findings.Add(path, $"has {count} entries but must have at most {Longest}");
        }
    }
}
