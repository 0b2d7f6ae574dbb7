using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Optimizers.</summary>
    public static partial class optim
    {
        /// <summary>What a learning rate scheduler changes: a group of parameters.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }
            double InitialLearningRate { get; set; }
        }

        /// <summary>What has a momentum that a scheduler may change.</summary>
        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        /// <summary>What has two averaging rates, of which a scheduler may change the first in place of a momentum.</summary>
        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }

        /// <summary>The base of all optimizers. Derive from <see cref="OptimizerHelper"/>.</summary>
        public abstract class Optimizer : IDisposable
        {
            protected IList<ParamGroup> _parameter_groups = [];

            private protected Optimizer()
            {
            }

            ~Optimizer() => Dispose(false);

            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            public virtual void zero_grad() => throw new NotImplementedException(nameof(zero_grad));

            public virtual void add_param_group(ParamGroup param_group) => throw new NotImplementedException(nameof(add_param_group));

            public virtual Tensor? step(Func<Tensor>? closure = null) => throw new NotImplementedException(nameof(step));

            public virtual IEnumerable<Parameter> parameters() => throw new NotImplementedException(nameof(parameters));

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
            }

            /// <summary>The options of the groups and the states of the parameters, both in order.</summary>
            public class StateDictionary
            {
                internal StateDictionary()
                {
                }

                public List<OptimizerOptions> Options { get; } = [];

                public List<OptimizerState> State { get; } = [];

                /// <summary>For each group, where the states of its parameters are.</summary>
                public List<List<int>> StateIndexRef { get; } = [];
            }
        }
    }
}
