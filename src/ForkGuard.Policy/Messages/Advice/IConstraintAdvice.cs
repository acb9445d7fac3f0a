using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

/// <summary>Advice about one type of constraint.</summary>
internal interface IConstraintAdvice
{
    ConstraintType Type { get; }

    /// <summary>The remedies as one clause without a full stop, for an Event and a table.</summary>
    string Clause(AdviceCase advised);

    /// <summary>Full sentences, the least intrusive remedy first.</summary>
    IEnumerable<string> Sentences(AdviceCase advised);
}
