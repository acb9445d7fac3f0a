namespace ForkGuard.Api.Validation;

/// <summary>The rules that a watch keeps beyond its structure; the CRDs carry the same where the API server knows them.</summary>
public static class WatchValidator
{
    /// <summary>Gives every error, with its field; empty if the watch is good.</summary>
    public static IReadOnlyList<ValidationError> Validate(ForkWatch watch)
    {
        var findings = new Findings();
        WatchRules.Check(watch, findings);
        return findings.Errors;
    }

    /// <summary>Gives every error in a cluster, with its field; empty if the watch is good.</summary>
    public static IReadOnlyList<ValidationError> Validate(ClusterForkWatch watch)
    {
        var findings = new Findings();
        WatchRules.Check(watch, isOnHost: false, findings);
        return findings.Errors;
    }
}
