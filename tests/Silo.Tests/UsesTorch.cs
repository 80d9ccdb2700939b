namespace MlTr.Silo.Tests;

/// <summary>Tests that compute with torch, one after the other: its random generator belongs to the process.</summary>
[CollectionDefinition(Name)]
public sealed class UsesTorch
{
    public const string Name = "torch";
}
