using System.Text.Json;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Blend;

/// <summary>Trains a blend: its members one after the other, on the same interactions.</summary>
public static class BlendTrainer
{
    /// <summary>Trains every member. Time and memory are the members' own; one is trained at a time.</summary>
    /// <exception cref="ArgumentException">A member is no recommender, is a blend itself, or its options are refused.</exception>
    public static BlendModel Train(Interactions data, BlendOptions options, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var recommenders = options.Members.Select((member, place) => Check(member, place)).ToArray();
        var models = new IModel[recommenders.Length];
        for (var m = 0; m < models.Length; m++)
        {
            var (recommender, own) = recommenders[m];
            var place = m;
            var progress = context.Progress is { } told
                ? new MemberProgress(value => told.Report(new TrainingProgress((place + value.Fraction) / models.Length, $"{recommender.Name}: {value.Stage}")))
                : null;
            models[m] = recommender.Train(data, own, context with { Progress = progress });
        }

        return new BlendModel(options, models);
    }

    private static (Recommender Recommender, object? Options) Check(BlendMember member, int place)
    {
        if (Recommenders.Find(member.Recommender) is not { } recommender || recommender.OptionsType == typeof(BlendOptions))
        {
            throw new ArgumentException($"members[{place}].recommender is \"{member.Recommender}\"; a blend is made of recommenders other than blends.", nameof(member));
        }

        try
        {
            return (recommender, member.Options is { } given ? recommender.ReadOptions(given) : null);
        }
        catch (JsonException wrong)
        {
            throw new ArgumentException($"members[{place}].options: {wrong.Message}", nameof(member), wrong);
        }
    }

    // Reports in the thread that trains, in order.
    private sealed class MemberProgress(Action<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value);
    }
}
