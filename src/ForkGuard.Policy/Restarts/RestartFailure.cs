namespace ForkGuard.Policy.Restarts;

/// <summary>A restart that ended as DidNotHelp or NotReplaced.</summary>
/// <param name="EndedTime">When it ended.</param>
/// <param name="IsOfLaterVersion">Its record is in a state of a later version, so that this version does not correct its times.</param>
public readonly record struct RestartFailure(DateTimeOffset EndedTime, bool IsOfLaterVersion = false);
