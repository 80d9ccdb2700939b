using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Tests.Trials;

public sealed class TrialIdTests
{
    [Fact]
    public void Parse_ReadsItsOwnText() => Assert.Equal(new TrialId("first-sweep", 12), TrialId.Parse(new TrialId("first-sweep", 12).ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("sweep")]
    [InlineData("/1")]
    [InlineData("sweep/")]
    [InlineData("sweep/-1")]
    public void Parse_AnythingElse_SaysWhatWasExpected(string text) =>
        Assert.Contains("SWEEP/NUMBER", Assert.Throws<FormatException>(() => TrialId.Parse(text)).Message, StringComparison.Ordinal);
}
