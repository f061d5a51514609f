"""Models: what the server runs or calls, their limits, and the pipelines that shape a prompt."""

from __future__ import annotations as _annotations

from conversation_client.models import common as _common
from conversation_client.models import organization as _organization
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class ExternalMLProviderEnum(_OpenEnum):
    """Company, university or project that provides a model."""

    APPLE = "APPLE"
    AMAZON = "AMAZON"
    GOOGLE = "GOOGLE"
    META = "META"
    OPENAI = "OPENAI"
    LMSYS = "LMSYS"
    SALESFORCE = "SALESFORCE"
    HUGGING_FACE = "HUGGING_FACE"
    UNIVERSITY_OF_WASHINGTON = "UNIVERSITY_OF_WASHINGTON"
    OPEN_LM_RESEARCH = "OPEN_LM_RESEARCH"
    MICROSOFT = "MICROSOFT"
    UC_BERKLEY = "UC_BERKLEY"
    PEKING_UNIVERSITY = "PEKING_UNIVERSITY"
    RENMIN_UNIVERSITY_OF_CHINA = "RENMIN_UNIVERSITY_OF_CHINA"
    TOGETHER_AI = "TOGETHER_AI"
    DATABRICKS = "DATABRICKS"
    ELEUTHER_AI = "ELEUTHER_AI"
    FUDAN_UNIVERSITY = "FUDAN_UNIVERSITY"
    BLICKDL = "BLICKDL"
    HONG_KONG_BAPTIST_UNIVERSITY = "HONG_KONG_BAPTIST_UNIVERSITY"
    BIGCODE = "BIGCODE"
    JINA = "JINA"
    PIECES = "PIECES"
    ANTHROPIC = "ANTHROPIC"
    IBM = "IBM"
    SNOWFLAKE = "SNOWFLAKE"
    PERPLEXITY = "PERPLEXITY"
    UNKNOWN = "UNKNOWN"
    MINISHLABS = "MINISHLABS"
    MSFT_AZURE_OPEN_AI = "MSFT_AZURE_OPEN_AI"
    AWS_BEDROCK = "AWS_BEDROCK"


class ModelFoundationEnum(_OpenEnum):
    """Foundation model that a model is built on."""

    GPT_3_5 = "GPT_3.5"
    GPT_4 = "GPT_4"
    T5 = "T5"
    LLAMA_2_7B = "LLAMA_2_7B"
    LLAMA_2_13B = "LLAMA_2_13B"
    LLAMA_2_70B = "LLAMA_2_70B"
    LLAMA_3_2B = "LLAMA_3_2B"
    LLAMA_3_7B = "LLAMA_3_7B"
    LLAMA_3_13B = "LLAMA_3_13B"
    LLAMA_3_70B = "LLAMA_3_70B"
    CODE_LLAMA_2_7B = "CODE_LLAMA_2_7B"
    CODE_LLAMA_2_13B = "CODE_LLAMA_2_13B"
    CODE_LLAMA_2_70B = "CODE_LLAMA_2_70B"
    BARD = "BARD"
    ALPACA_7B = "ALPACA_7B"
    ALPACA_13B = "ALPACA_13B"
    ALPACA_33B = "ALPACA_33B"
    ALPACA_65B = "ALPACA_65B"
    VICUNA_7B = "VICUNA_7B"
    VICUNA_13B = "VICUNA_13B"
    VICUNA_33B = "VICUNA_33B"
    VICUNA_65B = "VICUNA_65B"
    GUANACO_7B = "GUANACO_7B"
    GUANACO_13B = "GUANACO_13B"
    GUANACO_33B = "GUANACO_33B"
    GUANACO_65B = "GUANACO_65B"
    OPENLLAMA_7B = "OPENLLAMA_7B"
    OPENLLAMA_13B = "OPENLLAMA_13B"
    GORILLA_7B = "GORILLA_7B"
    GORILLA_13B = "GORILLA_13B"
    GORILLA_33B = "GORILLA_33B"
    GORILLA_65B = "GORILLA_65B"
    WIZARDLM_7B = "WIZARDLM_7B"
    WIZARDLM_13B = "WIZARDLM_13B"
    WIZARDLM_30B = "WIZARDLM_30B"
    YULANCHAT_13B = "YULANCHAT_13B"
    YULANCHAT_65B = "YULANCHAT_65B"
    REDPAJAMA_3B = "REDPAJAMA_3B"
    REDPAJAMA_7B = "REDPAJAMA_7B"
    REDPAJAMA_13B = "REDPAJAMA_13B"
    REDPAJAMA_33B = "REDPAJAMA_33B"
    REDPAJAMA_65B = "REDPAJAMA_65B"
    DOLLY_70M = "DOLLY_70M"
    DOLLY_160M = "DOLLY_160M"
    DOLLY_410M = "DOLLY_410M"
    DOLLY_1B = "DOLLY_1B"
    DOLLY_1_4B = "DOLLY_1.4B"
    DOLLY_2_8B = "DOLLY_2.8B"
    DOLLY_6_9B = "DOLLY_6.9B"
    DOLLY_12B = "DOLLY_12B"
    PYTHIA_70M = "PYTHIA_70M"
    PYTHIA_160M = "PYTHIA_160M"
    PYTHIA_410M = "PYTHIA_410M"
    PYTHIA_1B = "PYTHIA_1B"
    PYTHIA_1_4B = "PYTHIA_1.4B"
    PYTHIA_2_8B = "PYTHIA_2.8B"
    PYTHIA_6_9B = "PYTHIA_6.9B"
    PYTHIA_12B = "PYTHIA_12B"
    MOSS_7B = "MOSS_7B"
    MOSS_13B = "MOSS_13B"
    RMKV_LM_100M = "RMKV_LM_100M"
    RMKV_LM_400M = "RMKV_LM_400M"
    RMKV_LM_1_5B = "RMKV_LM_1.5B"
    RMKV_LM_3B = "RMKV_LM_3B"
    RMKV_LM_7B = "RMKV_LM_7B"
    RMKV_LM_14B = "RMKV_LM_14B"
    STARCODER_15_5B = "STARCODER_15.5B"
    WIZARDCODER_15B = "WIZARDCODER_15B"
    SANTACODER_1_1B = "SANTACODER_1.1B"
    TEXT_BISON = "TEXT_BISON"
    TEXTEMBEDDING_GECKO = "TEXTEMBEDDING_GECKO"
    CHAT_BISON = "CHAT_BISON"
    CODE_BISON = "CODE_BISON"
    CODECHAT_BISON = "CODECHAT_BISON"
    CODE_GECKO = "CODE_GECKO"
    DISTILROBERTA = "DISTILROBERTA"
    MISTRAL_7B = "MISTRAL_7B"
    GEMINI = "GEMINI"
    GEMINI_1_5 = "GEMINI_1.5"
    FAST_TEXT = "FAST_TEXT"
    UNIXCODER = "UNIXCODER"
    PHI_1_5 = "PHI_1.5"
    PHI_2 = "PHI_2"
    MIXTRAL_8_X_7B = "MIXTRAL_8_x_7B"
    MIXTRAL_8_X_22B = "MIXTRAL_8_x_22B"
    GEMMA_7B = "GEMMA_7B"
    GEMMA_2B = "GEMMA_2B"
    CODE_GEMMA_7B = "CODE_GEMMA_7B"
    CODE_GEMMA_2B = "CODE_GEMMA_2B"
    RECURRENT_GEMMA_2B = "RECURRENT_GEMMA_2B"
    GROK_1 = "GROK_1"
    GROK_1_5 = "GROK_1.5"
    CLAUDE_2 = "CLAUDE_2"
    CLAUDE_3 = "CLAUDE_3"
    STARLING_7B = "STARLING_7B"
    DBRX = "DBRX"
    COMMAND_R_PLUS = "COMMAND_R+"
    GEMMA_1_1_2B = "GEMMA_1.1_2B"
    GEMMA_1_1_7B = "GEMMA_1.1_7B"
    GEMMA_2_9B = "GEMMA_2_9B"
    PHI_3_MINI = "PHI_3_MINI"
    PHI_3_SMALL = "PHI_3_SMALL"
    GRANITE_3B = "GRANITE_3B"
    GRANITE_8B = "GRANITE_8B"
    LLAMA_3_8B = "LLAMA_3_8B"
    CLAUDE_3_5 = "CLAUDE_3.5"
    CLAUDE_LATEST = "CLAUDE_LATEST"
    GRANITE_LATEST = "GRANITE_LATEST"
    LLAMA_LATEST = "LLAMA_LATEST"
    PHI_LATEST = "PHI_LATEST"
    GEMMA_LATEST = "GEMMA_LATEST"
    GEMINI_LATEST = "GEMINI_LATEST"
    GPT_LATEST = "GPT_LATEST"
    AZURE_LATEST = "AZURE_LATEST"
    AZURE_FAST = "AZURE_FAST"
    AZURE_BEST = "AZURE_BEST"
    AZURE_DEFAULT = "AZURE_DEFAULT"
    AZURE_CUSTOM = "AZURE_CUSTOM"
    PERPLEXITY_LATEST = "PERPLEXITY_LATEST"
    PERPLEXITY_FAST = "PERPLEXITY_FAST"
    PERPLEXITY_BEST = "PERPLEXITY_BEST"
    PERPLEXITY_DEFAULT = "PERPLEXITY_DEFAULT"
    PERPLEXITY_CUSTOM = "PERPLEXITY_CUSTOM"
    GEMINI_2 = "GEMINI_2"
    CODESTRAL_LATEST = "CODESTRAL_LATEST"
    DEEPSEEK_LATEST = "DEEPSEEK_LATEST"
    LLAVA_LATEST = "LLAVA_LATEST"
    MIXTRAL_LATEST = "MIXTRAL_LATEST"
    MISTRAL_LATEST = "MISTRAL_LATEST"
    ORCA_LATEST = "ORCA_LATEST"
    QWEN_CODER_LATEST = "QWEN_CODER_LATEST"
    QWEN_LATEST = "QWEN_LATEST"
    QWQ_LATEST = "QWQ_LATEST"
    STARCODER_LATEST = "STARCODER_LATEST"
    TINYLLAMA_LATEST = "TINYLLAMA_LATEST"
    VICUNA_LATEST = "VICUNA_LATEST"
    WIZARD_LATEST = "WIZARD_LATEST"
    ZEPHYR_LATEST = "ZEPHYR_LATEST"
    UNKNOWN = "UNKNOWN"
    POTION = "POTION"
    CLAUDE_4 = "CLAUDE_4"
    MSFT_AZURE_OPEN_AI_LATEST = "MSFT_AZURE_OPEN_AI_LATEST"
    AWS_BEDROCK_LATEST = "AWS_BEDROCK_LATEST"


class ModelTypeEnum(_OpenEnum):
    """What a model favours: speed, accuracy or a balance of both."""

    BALANCED = "BALANCED"
    SPEED = "SPEED"
    ACCURACY = "ACCURACY"
    UNKNOWN = "UNKNOWN"


class ModelUsageEnum(_OpenEnum):
    """Task a model is meant for, such as OCR, code generation or text embedding."""

    OCR = "OCR"
    CODE_CLASSIFICATION = "CODE_CLASSIFICATION"
    TEXT_VS_CODE = "TEXT_VS_CODE"
    TAGIFY_CODE = "TAGIFY_CODE"
    TLP_TAG_SEARCH = "TLP_TAG_SEARCH"
    TLP_NEURAL_CODE_SEARCH = "TLP_NEURAL_CODE_SEARCH"
    TAGIFY_COLOR_FROM_CODE = "TAGIFY_COLOR_FROM_CODE"
    CODE_DESCRIPTION = "CODE_DESCRIPTION"
    CODE_TITLE = "CODE_TITLE"
    CODE_SEARCH_QUERIES = "CODE_SEARCH_QUERIES"
    CODE_EXTRACTIVE_TAGS = "CODE_EXTRACTIVE_TAGS"
    CODE_EXTRACTIVE_LINKS = "CODE_EXTRACTIVE_LINKS"
    CODE_CONVERSATION = "CODE_CONVERSATION"
    CODE_GENERATION = "CODE_GENERATION"
    CODE_SEARCH = "CODE_SEARCH"
    CODE_DISCOVERY = "CODE_DISCOVERY"
    CODE_RELATED_PEOPLE = "CODE_RELATED_PEOPLE"
    CODE_FRAMEWORK = "CODE_FRAMEWORK"
    VIDEO_OCR = "VIDEO_OCR"
    TEXT_VS_CODE_SEGMENTATION = "TEXT_VS_CODE_SEGMENTATION"
    TEXT_EMBEDDING = "TEXT_EMBEDDING"
    TECHNICAL_ERROR = "TECHNICAL_ERROR"
    UNKNOWN = "UNKNOWN"


@_document
class Model(_common.Versioned):
    """Machine-learning model the server knows, run locally or in the cloud."""

    id: str
    version: str
    created: _common.GroupedTimestamp
    name: str
    cloud: bool
    """Whether the model runs in the cloud."""
    type: ModelTypeEnum
    """Whether the model favours speed, accuracy or a balance."""
    usage: ModelUsageEnum
    """Task the model is meant for."""
    description: str | None = None
    bytes: _common.ByteDescriptor | None = None
    """Size of the model."""
    ram: _common.ByteDescriptor | None = None
    """Memory the model takes."""
    quantization: str | None = None
    """Name of the quantization, for a quantized model."""
    foundation: ModelFoundationEnum | None = None
    downloaded: bool | None = None
    """Whether the model is on this machine."""
    loaded: bool | None = None
    unique: str | None = None
    """Unique name of the model, apart from `id`."""
    parameters: float | None = None
    provider: ExternalMLProviderEnum | None = None
    """Who makes or hosts the model."""
    cpu: bool | None = None
    downloading: bool | None = None
    max_tokens: ModelMaxTokens | None = _renamed("maxTokens", default=None)
    custom: bool | None = None
    capabilities: ModelCapabilities | None = None
    score: _common.Score | None = None
    denied: bool | None = None
    organization: _organization.ReferencedEntity | None = None
    """The entity the model belongs to."""


@_document
class ModelCapabilities(_common.Versioned):
    """Kinds of input and context a model can handle."""

    temporal: bool | None = None
    """Whether the model can work with ranges of time."""
    images: bool | None = None
    videos: bool | None = None
    documents: bool | None = None
    codebases: bool | None = None
    assets: bool | None = None
    websites: bool | None = None


@_document
class ModelMaxTokens(_common.Versioned):
    """Token limits of a model."""

    total: float | None
    """In tokens."""
    input: float | None = None
    """In tokens."""
    output: float | None = None
    """In tokens."""


@_document
class QGPTConversationPipeline(_common.Versioned):
    """Choice of prompt pipeline for a conversation, made by the field that is set."""

    contextualized_code_generation: (
        QGPTConversationPipelineForContextualizedCodeGeneration | None
    ) = None
    generalized_code_dialog: QGPTConversationPipelineForGeneralizedCodeDialog | None = None
    contextualized_code_dialog: QGPTConversationPipelineForContextualizedCodeDialog | None = None
    contextualized_code_workstream_dialog: (
        QGPTConversationPipelineForContextualizedCodeWorkstreamDialog | None
    ) = None


@_document
class QGPTConversationPipelineForContextualizedCodeDialog(_common.Versioned):
    """Selects dialogue about code with context; has no settings of its own."""


@_document
class QGPTConversationPipelineForContextualizedCodeGeneration(_common.Versioned):
    """Selects code generation with context; has no settings of its own."""


@_document
class QGPTConversationPipelineForContextualizedCodeWorkstreamDialog(_common.Versioned):
    """Selects dialogue about code with workstream context; has no settings of its own."""


@_document
class QGPTConversationPipelineForGeneralizedCodeDialog(_common.Versioned):
    """Selects general dialogue about code; has no settings of its own."""


@_document
class QGPTPromptPipeline(_common.Versioned):
    """Prompt pipeline to use: one for a single task or one for a conversation."""

    task: QGPTTaskPipeline | None = None
    conversation: QGPTConversationPipeline | None = None


@_document
class QGPTTaskPipeline(_common.Versioned):
    """Choice of prompt pipeline for a single task, made by the field that is set."""

    code_explanation: QGPTTaskPipelineForCodeExplanation | None = None
    code_commentation: QGPTTaskPipelineForCodeCommentation | None = None
    code_fix: QGPTTaskPipelineForCodeFix | None = None
    code_modification: QGPTTaskPipelineForCodeModification | None = None
    code_completion: QGPTTaskPipelineForCodeCompletion | None = None


@_document
class QGPTTaskPipelineForCodeCommentation(_common.Versioned):
    """Selects commenting of code; has no settings of its own."""


@_document
class QGPTTaskPipelineForCodeCompletion(_common.Versioned):
    """Selects completion of code."""

    context: list[str] | None = None
    """Texts the completion should take into account."""


@_document
class QGPTTaskPipelineForCodeExplanation(_common.Versioned):
    """Selects explanation of code; has no settings of its own."""


@_document
class QGPTTaskPipelineForCodeFix(_common.Versioned):
    """Selects fixing of code."""

    error: str | None = None


@_document
class QGPTTaskPipelineForCodeModification(_common.Versioned):
    """Selects modification of code."""

    instruction: str | None = None
    """What to change, in words."""
